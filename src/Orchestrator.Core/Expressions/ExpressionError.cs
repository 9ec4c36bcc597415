namespace Orchestrator.Core.Expressions;

/// <summary>Why a text is not an expression or template, and where.</summary>
/// <param name="Message">What is wrong and what to write instead, as whole sentences.</param>
/// <param name="Offset">0-based index of the first character concerned, in the text that was parsed.</param>
/// <param name="Length">Number of characters concerned; 0 at the end of the text.</param>
public sealed record ExpressionError(string Message, int Offset, int Length)
{
    /// <summary>The expression as written, trimmed; empty where the text around expressions is wrong.</summary>
    public string Expression { get; init; } = "";

    /// <summary>What is wrong: the first sentence of the message.</summary>
    internal string What => Cut < 0 ? Message : Message[..(Cut + 1)];

    /// <summary>What to write instead: the other sentences.</summary>
    internal string Remedy => Cut < 0 ? "" : Message[(Cut + 2)..];

    private int Cut => Sentences.EndOfFirst(Message);
}

/// <summary>Where the first sentence of a message ends.</summary>
internal static class Sentences
{
    /// <summary>Index of the full stop; -1 where the message is one sentence.</summary>
    public static int EndOfFirst(string message)
    {
        for (var at = message.IndexOf(". ", StringComparison.Ordinal); at >= 0; at = message.IndexOf(". ", at + 1, StringComparison.Ordinal))
            if (at + 2 < message.Length && char.IsAsciiLetterUpper(message[at + 2])) return at;
        return -1;
    }
}
