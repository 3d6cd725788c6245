"""Learn to read handwritten digits.

A network of two layers learns scikit-learn's 1,797 pictures of 8 x 8 pixels. Change `minitorch` to
`torch` in the imports, and it runs under PyTorch and prints the same losses.
"""

import argparse

import minitorch as torch
from minitorch import nn, optim
from minitorch.utils.data import DataLoader, TensorDataset

try:
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split
    from tqdm import tqdm
except ImportError as error:
    raise SystemExit(f"{error}; the examples need: pip install -e '.[examples]'") from error


def load(test_share=0.2):
    """Pictures scaled to [0, 1] and their digits, split into training and test sets."""
    pictures, digits = load_digits(return_X_y=True)
    parts = train_test_split(
        pictures / 16.0, digits, test_size=test_share, random_state=0, stratify=digits
    )
    train_x, test_x = (torch.tensor(part, dtype=torch.float32) for part in parts[:2])
    train_y, test_y = (torch.tensor(part) for part in parts[2:])
    return train_x, train_y, test_x, test_y


def accuracy(model, pictures, digits):
    """The share of pictures whose digit gets the largest output."""
    model.eval()
    with torch.no_grad():
        guesses = model(pictures).argmax(dim=1)
    model.train()
    return (guesses == digits).float().mean().item()


def train_epoch(model, criterion, optimizer, batches):
    """Go through the pictures once; return the mean loss."""
    total = 0.0
    for pictures, targets in batches:
        optimizer.zero_grad()
        loss = criterion(model(pictures), targets)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(pictures)
    return total / len(batches.dataset)


def plot(losses, accuracies, path):
    """Save the learning curve as a picture."""
    try:
        import matplotlib
    except ImportError as error:
        raise SystemExit(f"{error}; --plot needs: pip install -e '.[examples]'") from error
    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, left = pyplot.subplots(figsize=(6.4, 4), layout="constrained")
    right = left.twinx()
    epochs = range(1, len(losses) + 1)
    (loss_line,) = left.plot(epochs, losses, color="tab:blue", label="training loss")
    (accuracy_line,) = right.plot(epochs, accuracies, color="tab:orange", label="test accuracy")
    left.set(xlabel="epoch", ylabel="mean squared error", yscale="log")
    right.set(ylabel="share of test digits read correctly")
    left.legend(handles=[loss_line, accuracy_line], loc="center right")
    figure.savefig(path, dpi=150)
    print(f"learning curve saved as {path}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--hidden", type=int, default=64, help="units of the hidden layer")
    parser.add_argument("--lr", type=float, default=1.0, help="learning rate")
    parser.add_argument("--momentum", type=float, default=0.9)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--plot", metavar="FILE", help="save the learning curve as a picture")
    arguments = parser.parse_args()

    torch.manual_seed(arguments.seed)
    train_x, train_y, test_x, test_y = load()
    targets = torch.eye(10)[train_y]  # one-hot: a row per picture, 1 at its digit
    model = nn.Sequential(
        nn.Linear(64, arguments.hidden),
        nn.Sigmoid(),
        nn.Linear(arguments.hidden, 10),
        nn.Sigmoid(),
    )
    batches = DataLoader(
        TensorDataset(train_x, targets), batch_size=arguments.batch_size, shuffle=True
    )
    criterion = nn.MSELoss()
    optimizer = optim.SGD(model.parameters(), lr=arguments.lr, momentum=arguments.momentum)
    print(model)

    losses, accuracies = [], []
    for epoch in tqdm(range(1, arguments.epochs + 1), unit="epoch"):
        losses.append(train_epoch(model, criterion, optimizer, batches))
        accuracies.append(accuracy(model, test_x, test_y))
        tqdm.write(f"epoch {epoch:2d}: loss {losses[-1]:.5f}, accuracy {accuracies[-1]:.4f}")

    print(f"test accuracy {accuracies[-1]:.4f} after {arguments.epochs} epochs")
    if arguments.plot:
        plot(losses, accuracies, arguments.plot)


if __name__ == "__main__":
    main()
