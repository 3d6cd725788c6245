"""Learn to write sonnets, one character at a time, with a transformer.

The network reads pieces of 61 of Shakespeare's sonnets and learns to guess each next character
from those before it: a causal mask keeps every place from looking ahead. At the end it writes some
lines, drawing each character from the probabilities that it gives. Change `minitorch` to `torch` in
the imports, and it runs under PyTorch and prints the same losses and writes the same lines.
"""

import argparse
from pathlib import Path

import minitorch as torch
from minitorch import nn, optim
from minitorch.nn import functional as F
from minitorch.utils.data import DataLoader, TensorDataset

try:
    from matplotlib.figure import Figure
    from tqdm import tqdm
except ImportError as error:
    raise SystemExit(f"{error}; the examples need: pip install -e '.[examples]'") from error

TEXT = Path(__file__).parent / "data" / "sonnets.txt"  # in the public domain


class CharacterTransformer(nn.Module):
    """From characters to scores for the character after each, given the `context` before it."""

    def __init__(self, characters, context=32, width=64, heads=4, layers=2):
        super().__init__()
        self.context = context
        self.character = nn.Embedding(characters, width)
        self.position = nn.Embedding(context, width)
        layer = nn.TransformerEncoderLayer(
            width, heads, dim_feedforward=4 * width, batch_first=True
        )
        self.encoder = nn.TransformerEncoder(layer, layers)
        self.output = nn.Linear(width, characters)

    def forward(self, codes):
        length = codes.shape[1]
        inputs = self.character(codes) + self.position(torch.arange(length))
        ahead = torch.ones(length, length, dtype=torch.bool).triu(diagonal=1)
        return self.output(self.encoder(inputs, mask=ahead))


def load(test_share=0.1):
    """The characters that occur, and the text as their numbers: most to learn, the end to test."""
    text = TEXT.read_text(encoding="utf-8")
    characters = sorted(set(text))
    number = {character: index for index, character in enumerate(characters)}
    codes = torch.tensor([number[character] for character in text])
    split = round(len(codes) * (1 - test_share))
    return characters, codes[:split], codes[split:]


def next_loss(model, pieces):
    """The cross entropy of every next character of some pieces."""
    scores, targets = model(pieces[:, :-1]), pieces[:, 1:]
    return F.cross_entropy(scores.flatten(0, 1), targets.flatten())


def train_epoch(model, optimizer, batches):
    """Read all pieces once; return the mean loss."""
    model.train()
    losses = []
    for (pieces,) in batches:
        optimizer.zero_grad()
        loss = next_loss(model, pieces)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return sum(losses) / len(losses)


@torch.no_grad()
def test(model, pieces):
    """The mean loss on pieces that the network has not learnt."""
    model.eval()
    return next_loss(model, pieces).item()


@torch.no_grad()
def write(model, characters, length, temperature):
    """Draw a text, character by character; a low temperature prefers the likely ones."""
    model.eval()
    codes = [characters.index("\n")]
    while len(codes) <= length:
        scores = model(torch.tensor([codes[-model.context :]]))
        probabilities = F.softmax(scores[0, -1] / temperature, dim=0)
        codes.append(torch.multinomial(probabilities, num_samples=1).item())
    return "".join(characters[code] for code in codes).strip()


def plot(losses, path):
    """Save the learning curves as a picture."""
    figure = Figure(figsize=(6.4, 4), layout="constrained")
    axes = figure.subplots()
    epochs = range(1, len(losses) + 1)
    axes.plot(epochs, losses, label=["sonnets to learn", "sonnets to test"])
    axes.set(xlabel="epoch", ylabel="cross entropy of a character")
    axes.legend()
    figure.savefig(path, dpi=150)
    print(f"learning curves saved as {path}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--batch-size", type=int, default=16)
    parser.add_argument("--lr", type=float, default=0.005, help="learning rate")
    parser.add_argument("--length", type=int, default=300, help="characters to write at the end")
    parser.add_argument("--temperature", type=float, default=0.5)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--plot", metavar="FILE", help="save the learning curves as a picture")
    arguments = parser.parse_args()

    # Single precision would do, but its rounding decides now and then which character is drawn.
    torch.set_default_dtype(torch.float64)
    torch.manual_seed(arguments.seed)
    characters, train_codes, test_codes = load()
    model = CharacterTransformer(len(characters))
    size = model.context + 1  # the first character of a piece is only read, the last only guessed
    train_pieces = TensorDataset(train_codes.unfold(0, size, size // 2))
    batches = DataLoader(train_pieces, batch_size=arguments.batch_size, shuffle=True)
    test_pieces = test_codes.unfold(0, size, size)
    optimizer = optim.Adam(model.parameters(), lr=arguments.lr)
    print(model)

    losses = []
    for epoch in tqdm(range(1, arguments.epochs + 1), unit="epoch"):
        train_loss = train_epoch(model, optimizer, batches)
        losses.append((train_loss, test(model, test_pieces)))
        tqdm.write("epoch {:2d}: loss {:.3f}, test loss {:.3f}".format(epoch, *losses[-1]))

    print(write(model, characters, arguments.length, arguments.temperature))
    if arguments.plot:
        plot(losses, arguments.plot)


if __name__ == "__main__":
    main()
