"""Learn to read handwritten digits with convolutions.

Two convolutions look for strokes in scikit-learn's 1,797 pictures of 8 x 8 pixels, and each time
pooling keeps the strongest of four. Dropout keeps the network from learning the pictures by heart,
and the learning rate rises and falls in one cycle. Change `minitorch` to `torch`
in the imports, and it runs under PyTorch and prints the same numbers.
"""

import argparse

import minitorch as torch
from minitorch import nn, optim
from minitorch.nn import functional as F
from minitorch.utils.data import DataLoader, TensorDataset

try:
    from matplotlib.figure import Figure
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split
    from tqdm import tqdm
except ImportError as error:
    raise SystemExit(f"{error}; the examples need: pip install -e '.[examples]'") from error


class ConvolutionalNetwork(nn.Module):
    """From pictures of 1 x 8 x 8 pixels to a score for each of the ten digits."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 32, kernel_size=3, padding=1)
        self.conv2 = nn.Conv2d(32, 64, kernel_size=3, padding=1)
        self.pool = nn.MaxPool2d(2)
        self.dropout = nn.Dropout(0.5)
        self.output = nn.Linear(64 * 2 * 2, 10)

    def forward(self, pictures):
        strokes = self.pool(F.relu(self.conv1(pictures)))  # (batch, 32, 4, 4)
        shapes = self.pool(F.relu(self.conv2(strokes)))  # (batch, 64, 2, 2)
        return self.output(self.dropout(torch.flatten(shapes, start_dim=1)))


def load(test_share=0.2):
    """Pictures scaled to [0, 1] and their digits, split into a training and a test set."""
    pictures, digits = load_digits(return_X_y=True)
    pictures = pictures.reshape(-1, 1, 8, 8) / 16.0  # one channel: grey
    train_x, test_x, train_y, test_y = train_test_split(
        pictures, digits, test_size=test_share, random_state=0, stratify=digits
    )
    return (
        TensorDataset(torch.tensor(train_x), torch.tensor(train_y)),
        TensorDataset(torch.tensor(test_x), torch.tensor(test_y)),
    )


def train_epoch(model, optimizer, scheduler, batches):
    """Go through the pictures once; return the mean loss."""
    model.train()
    total = 0.0
    for pictures, digits in batches:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(pictures), digits)
        loss.backward()
        optimizer.step()
        scheduler.step()
        total += loss.item() * len(pictures)
    return total / len(batches.dataset)


@torch.no_grad()
def test(model, pictures, digits):
    """The mean loss, and the share of pictures whose digit gets the largest score."""
    model.eval()
    scores = model(pictures)
    correct = scores.argmax(dim=1) == digits
    return F.cross_entropy(scores, digits).item(), correct.float().mean().item()


@torch.no_grad()
def plot_hardest(model, pictures, digits, path):
    """Save the test pictures whose digits get the smallest probabilities."""
    model.eval()
    probabilities = model(pictures).softmax(dim=1)
    of_digit = probabilities.gather(1, digits.unsqueeze(1)).squeeze(1)
    figure = Figure(figsize=(8, 4), layout="constrained")
    axes = figure.subplots(2, 6).ravel()
    for place, index in zip(axes, of_digit.argsort().tolist(), strict=False):
        guess, digit = probabilities[index].argmax().item(), digits[index].item()
        place.imshow(pictures[index, 0].numpy(), cmap="gray_r")
        place.set_title(f"a {digit}, read as {guess}", color="black" if guess == digit else "red")
        place.axis("off")
    figure.suptitle("the hardest digits of the test set")
    figure.savefig(path, dpi=150)
    print(f"hardest digits saved as {path}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=15)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--lr", type=float, default=0.02, help="the largest learning rate")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--plot", metavar="FILE", help="save the hardest digits as a picture")
    arguments = parser.parse_args()

    # Single precision would do, but training magnifies its rounding until the losses show it.
    torch.set_default_dtype(torch.float64)
    torch.manual_seed(arguments.seed)
    train_set, test_set = load()
    batches = DataLoader(train_set, batch_size=arguments.batch_size, shuffle=True)
    model = ConvolutionalNetwork()
    optimizer = optim.Adam(model.parameters())
    scheduler = optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr=arguments.lr, epochs=arguments.epochs, steps_per_epoch=len(batches)
    )
    print(model)

    for epoch in tqdm(range(1, arguments.epochs + 1), unit="epoch"):
        loss = train_epoch(model, optimizer, scheduler, batches)
        test_loss, accuracy = test(model, *test_set.tensors)
        tqdm.write(
            f"epoch {epoch:2d}: loss {loss:.3f}, test loss {test_loss:.3f}, accuracy {accuracy:.3f}"
        )

    print(f"test accuracy {accuracy:.4f} after {arguments.epochs} epochs")
    if arguments.plot:
        plot_hardest(model, *test_set.tensors, arguments.plot)


if __name__ == "__main__":
    main()
