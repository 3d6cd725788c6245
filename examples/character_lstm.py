"""Learn to write sonnets, one character at a time, with an LSTM.

The network reads 61 of Shakespeare's sonnets and learns to guess each next character from those
before it. At the end it writes some lines: it draws a character from the probabilities that it
gives, reads it, draws the next. Change `minitorch` to `torch` in the imports, and it runs under
PyTorch and prints the same losses and writes the same lines.
"""

import argparse
from pathlib import Path

import minitorch as torch
from minitorch import nn, optim
from minitorch.nn import functional as F

try:
    from matplotlib.figure import Figure
    from tqdm import tqdm
except ImportError as error:
    raise SystemExit(f"{error}; the examples need: pip install -e '.[examples]'") from error

TEXT = Path(__file__).parent / "data" / "sonnets.txt"  # in the public domain


class CharacterLSTM(nn.Module):
    """From characters to scores for the character after each, given all before it."""

    def __init__(self, characters, width=32, hidden=128):
        super().__init__()
        self.embedding = nn.Embedding(characters, width)
        self.lstm = nn.LSTM(width, hidden, batch_first=True)
        self.output = nn.Linear(hidden, characters)

    def forward(self, codes, state=None):
        outputs, state = self.lstm(self.embedding(codes), state)
        return self.output(outputs), state


def load(test_share=0.1):
    """The characters that occur, and the text as their numbers: most to learn, the end to test."""
    text = TEXT.read_text(encoding="utf-8")
    characters = sorted(set(text))
    number = {character: index for index, character in enumerate(characters)}
    codes = torch.tensor([number[character] for character in text])
    split = round(len(codes) * (1 - test_share))
    return characters, codes[:split], codes[split:]


def streams(codes, count):
    """Cut the text into pieces of equal length, to be read side by side: a row for each."""
    length = len(codes) // count
    return codes[: count * length].view(count, length)


def next_loss(scores, targets):
    """The cross entropy of every next character."""
    return F.cross_entropy(scores.flatten(0, 1), targets.flatten())


def train_epoch(model, optimizer, codes, steps=32):
    """Read the streams once, `steps` characters at a time; return the mean loss."""
    losses, state = [], None
    for start in range(0, codes.shape[1] - steps, steps):
        inputs = codes[:, start : start + steps]
        targets = codes[:, start + 1 : start + steps + 1]
        optimizer.zero_grad()
        scores, state = model(inputs, state)
        state = tuple(part.detach() for part in state)  # remembered, but no gradient goes back
        loss = next_loss(scores, targets)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), max_norm=0.25)
        optimizer.step()
        losses.append(loss.item())
    return sum(losses) / len(losses)


@torch.no_grad()
def test(model, codes):
    """The mean loss on a text that the network has not learnt."""
    scores, _ = model(codes[None, :-1])
    return next_loss(scores, codes[None, 1:]).item()


@torch.no_grad()
def write(model, characters, length, temperature):
    """Draw a text, character by character; a low temperature prefers the likely ones."""
    text, state = "\n", None
    while len(text) <= length:
        scores, state = model(torch.tensor([[characters.index(text[-1])]]), state)
        probabilities = F.softmax(scores[0, 0] / temperature, dim=0)
        text += characters[torch.multinomial(probabilities, num_samples=1).item()]
    return text.strip()


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
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--batch-size", type=int, default=16, help="streams read side by side")
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
    train_streams = streams(train_codes, arguments.batch_size)
    model = CharacterLSTM(len(characters))
    optimizer = optim.Adam(model.parameters(), lr=arguments.lr)
    print(model)

    losses = []
    for epoch in tqdm(range(1, arguments.epochs + 1), unit="epoch"):
        train_loss = train_epoch(model, optimizer, train_streams)
        losses.append((train_loss, test(model, test_codes)))
        tqdm.write("epoch {:2d}: loss {:.3f}, test loss {:.3f}".format(epoch, *losses[-1]))

    print(write(model, characters, arguments.length, arguments.temperature))
    if arguments.plot:
        plot(losses, arguments.plot)


if __name__ == "__main__":
    main()
