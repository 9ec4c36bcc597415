using Orchestrator.Core.Explanations;
using Orchestrator.Worker.Commands.Output;

namespace Orchestrator.Worker.Commands.Runs;

/// <summary>An explanation for people: the answer first, then every gate.</summary>
internal static class ExplanationText
{
    private const int Columns = 80;
    private const int MaxFacts = 10;

    public static void Write(CommandContext around, Explanation found) => Write(around.Out, found, "");

    private static void Write(TextWriter output, Explanation found, string indent)
    {
        Wrap(output, indent, indent, found.Answer);
        var width = found.Gates.IsEmpty ? 0 : found.Gates.Max(g => g.Name.Length);
        foreach (var gate in found.Gates)
        {
            var mark = gate.Passes switch { true => "yes", false => "no ", _ => "-  " };
            Wrap(output, $"{indent}  {mark}  {gate.Name.PadRight(width)}  ", $"{indent}       {new string(' ', width)}  ", gate.Sentence);
            foreach (var fact in gate.Facts.Take(MaxFacts)) Wrap(output, $"{indent}         ", $"{indent}           ", $"{fact.Name}: {fact.Value}");
            if (gate.Facts.Length > MaxFacts) output.WriteLine($"{indent}         and {gate.Facts.Length - MaxFacts} more; --json has them all.");
        }
        foreach (var part in found.Parts)
        {
            output.WriteLine();
            Write(output, part, indent + "  ");
        }
        if (found.MoreParts > 0) output.WriteLine($"{indent}  and {found.MoreParts} more; ask for one by its name.");
    }

    // Words are kept whole unless one alone is longer than a line.
    private static void Wrap(TextWriter output, string first, string next, string text)
    {
        var (line, room) = (first, Columns - Math.Min(first.Length, Columns / 2));
        var used = 0;
        foreach (var word in Printable.Line(text).Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var rest = word;
            while (rest.Length > 0)
            {
                if (used > 0 && used + 1 + rest.Length > room)
                {
                    output.WriteLine(line.TrimEnd());
                    (line, room, used) = (next, Columns - Math.Min(next.Length, Columns / 2), 0);
                }
                var piece = rest[..Math.Min(rest.Length, room)];
                line += used > 0 ? " " + piece : piece;
                used += piece.Length + (used > 0 ? 1 : 0);
                rest = rest[piece.Length..];
            }
        }
        output.WriteLine(line.TrimEnd());
    }
}
