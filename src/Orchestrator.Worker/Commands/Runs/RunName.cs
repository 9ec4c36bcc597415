using System.Globalization;

namespace Orchestrator.Worker.Commands.Runs;

/// <summary>
/// What names a run beside its id and the beginning or the last digits of it: <c>latest</c>, <c>WORKFLOW</c> (its latest) and <c>WORKFLOW~1</c> (the
/// one before that).
/// </summary>
/// <param name="Workflow">The workflow; null: whichever.</param>
/// <param name="Back">How many runs before the latest.</param>
internal sealed record RunName(string? Workflow, int Back)
{
    /// <summary>What to give.</summary>
    public const string Help = "Give a run's id, its beginning or its last digits, `latest`, or a workflow for its latest run (`nightly~1`: the one before).";

    private const string Latest = "latest";
    private const int ShortestPart = 4;
    private const int MaxName = 100;
    private const int MaxBack = 10_000;

    /// <summary>Whether a text can be the beginning or the end of an id.</summary>
    public static bool IsPartOfId(string text) => text.Length >= ShortestPart && text.All(c => char.IsAsciiHexDigit(c) || c == '-');

    /// <summary>Reads a name; false when it is none.</summary>
    public static bool TryParse(string text, out RunName name)
    {
        name = new(null, 0);
        var tilde = text.LastIndexOf('~');
        var back = 0;
        if (tilde >= 0 && (!int.TryParse(text.AsSpan(tilde + 1), NumberStyles.None, CultureInfo.InvariantCulture, out back) || back > MaxBack)) return false;
        var workflow = tilde < 0 ? text : text[..tilde];
        if (workflow.Length is 0 or > MaxName || !char.IsAsciiLetterOrDigit(workflow[0]) || !workflow.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-')) return false;
        name = new(workflow == Latest ? null : workflow, back);
        return true;
    }
}
