using System.Collections.Immutable;

namespace Orchestrator.Engine.Executors.Sql;

/// <summary>One statement as it is sent: its <c>@name</c> parameters replaced by <c>$1</c>, <c>$2</c> and so on.</summary>
/// <param name="Text">What the server gets.</param>
/// <param name="Parameters">Names, in the order of their numbers.</param>
/// <param name="FirstWords">Its first two words, upper case.</param>
internal sealed record SqlStatement(string Text, ImmutableArray<string> Parameters, (string First, string Second) FirstWords)
{
    /// <summary>The text it was read from.</summary>
    public required string Source { get; init; }

    /// <summary>Where runs of unchanged characters begin: index in <see cref="Text"/>, index in <see cref="Source"/>.</summary>
    public required ImmutableArray<(int Text, int Source)> Pieces { get; init; }

    /// <summary>Whether it holds semicolons of its own: the body of an SQL-standard function.</summary>
    public bool IsRoutineBody { get; init; }

    /// <summary>Whether it copies rows from or to the client: COPY ... FROM STDIN, COPY ... TO STDOUT.</summary>
    public bool CopiesThroughClient { get; init; }

    /// <summary>Whether it would end the transaction it stands in.</summary>
    public bool ControlsTransaction => FirstWords switch
    {
        ("BEGIN" or "START" or "COMMIT" or "END" or "ABORT", _) => true,
        ("ROLLBACK", var second) => second != "TO",
        ("PREPARE", "TRANSACTION") => true,
        _ => false,
    };

    /// <summary>Line and column (1-based) in the source of the server's position, which counts characters of <see cref="Text"/> from 1.</summary>
    public (int Line, int Column) Locate(int position)
    {
        var at = 0;
        for (var character = 1; character < position && at < Text.Length; character++) at += char.IsSurrogatePair(Text, at) ? 2 : 1;
        var piece = Pieces[0];
        foreach (var next in Pieces)
            if (next.Text <= at) piece = next;
        return LineOf(Source, Math.Min(piece.Source + (at - piece.Text), Source.Length));
    }

    /// <summary>Line and column (1-based) of its first character.</summary>
    public (int Line, int Column) Start => LineOf(Source, Pieces[0].Source);

    public static (int Line, int Column) LineOf(string text, int index)
    {
        var before = text.AsSpan(0, index);
        return (before.Count('\n') + 1, index - before.LastIndexOf('\n'));
    }
}
