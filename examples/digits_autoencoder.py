"""Learn to draw handwritten digits, with a variational autoencoder.

The encoder turns each of scikit-learn's 1,797 pictures into a normal distribution over a few
numbers, and the decoder turns a sample from it back into the picture. The loss is the error of this
reconstruction plus the distribution's divergence from the standard normal one, so that samples from
the latter become new digits. Change `minitorch` to `torch` in the imports, and it runs under
PyTorch and prints the same losses.

Source: Kingma and Welling, Auto-Encoding Variational Bayes, https://arxiv.org/abs/1312.6114.
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


class VariationalAutoencoder(nn.Module):
    """From pictures of 64 pixels to `latent` numbers each, and back."""

    def __init__(self, hidden, latent):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(64, hidden), nn.ReLU())
        self.mean = nn.Linear(hidden, latent)
        self.log_variance = nn.Linear(hidden, latent)
        self.decoder = nn.Sequential(
            nn.Linear(latent, hidden), nn.ReLU(), nn.Linear(hidden, 64), nn.Sigmoid()
        )

    def encode(self, pictures):
        features = self.encoder(pictures)
        return self.mean(features), self.log_variance(features)

    def reparameterize(self, mean, log_variance):
        """Sample from N(mean, variance), as a function of both that has a gradient."""
        deviation = torch.exp(log_variance / 2)
        return mean + deviation * torch.randn_like(deviation)

    def forward(self, pictures):
        mean, log_variance = self.encode(pictures)
        return self.decoder(self.reparameterize(mean, log_variance)), mean, log_variance


def load(test_share=0.2):
    """Pictures scaled to [0, 1], split into a training and a test set."""
    pictures, digits = load_digits(return_X_y=True)
    parts = train_test_split(pictures / 16.0, test_size=test_share, random_state=0, stratify=digits)
    return (torch.tensor(part) for part in parts)


def loss_terms(model, pictures):
    """The error of the reconstructions and the divergence of the distributions, both summed."""
    reconstructions, mean, log_variance = model(pictures)
    # A pixel's darkness is taken for the probability of ink.
    error = F.binary_cross_entropy(reconstructions, pictures, reduction="sum")
    # The Kullback-Leibler divergence of N(m, v) from N(0, 1) is (m² + v - 1 - log v) / 2
    divergence = (mean.square() + log_variance.exp() - 1 - log_variance).sum() / 2
    return error, divergence


def train_epoch(model, optimizer, batches):
    """Go through the pictures once; return the mean loss of a picture."""
    model.train()
    total = 0.0
    for (pictures,) in batches:
        optimizer.zero_grad()
        error, divergence = loss_terms(model, pictures)
        loss = error + divergence
        loss.backward()
        optimizer.step()
        total += loss.item()
    return total / len(batches.dataset)


@torch.no_grad()
def test(model, pictures):
    """The mean of both terms on pictures that the network has not learnt."""
    model.eval()
    return [term.item() / len(pictures) for term in loss_terms(model, pictures)]


@torch.no_grad()
def plot(model, pictures, latent, path):
    """Save some originals of the test set, their reconstructions, and new digits."""
    model.eval()
    pictures = pictures[:12]
    rows = {
        "originals": pictures,
        "reconstructions": model.decoder(model.encode(pictures)[0]),
        "samples": model.decoder(torch.randn(len(pictures), latent)),
    }
    figure = Figure(figsize=(9, 3), layout="constrained")
    for part, (title, row) in zip(figure.subfigures(3, 1), rows.items(), strict=True):
        part.suptitle(title)
        for place, picture in zip(part.subplots(1, len(row)), row, strict=True):
            place.imshow(picture.view(8, 8).numpy(), cmap="gray_r", vmin=0, vmax=1)
            place.axis("off")
    figure.savefig(path, dpi=150)
    print(f"pictures saved as {path}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=50)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--hidden", type=int, default=128, help="units of both hidden layers")
    parser.add_argument("--latent", type=int, default=8, help="numbers that describe a picture")
    parser.add_argument("--lr", type=float, default=0.002, help="learning rate")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--plot", metavar="FILE", help="save originals and new digits")
    arguments = parser.parse_args()

    # Single precision would do, but training magnifies its rounding until the losses show it.
    torch.set_default_dtype(torch.float64)
    torch.manual_seed(arguments.seed)
    train_x, test_x = load()
    batches = DataLoader(TensorDataset(train_x), batch_size=arguments.batch_size, shuffle=True)
    model = VariationalAutoencoder(arguments.hidden, arguments.latent)
    optimizer = optim.Adam(model.parameters(), lr=arguments.lr)
    print(model)

    for epoch in tqdm(range(1, arguments.epochs + 1), unit="epoch"):
        loss = train_epoch(model, optimizer, batches)
        error, divergence = test(model, test_x)
        tqdm.write(f"epoch {epoch:2d}: loss {loss:.2f}, test loss {error:.2f} + {divergence:.2f}")

    print(f"test loss {error + divergence:.2f} after {arguments.epochs} epochs")
    if arguments.plot:
        plot(model, test_x, arguments.latent, arguments.plot)


if __name__ == "__main__":
    main()
