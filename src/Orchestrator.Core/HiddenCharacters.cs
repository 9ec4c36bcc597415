namespace Orchestrator.Core;

/// <summary>
/// Characters that a reader does not see but a terminal, a log or a page obeys. Where text of others is shown they are removed or written out: they would begin
/// lines that no program wrote, move the cursor, or hide what follows.
/// </summary>
public static class HiddenCharacters
{
    /// <summary>Control characters, line and paragraph separators, and what turns the direction of writing (Unicode UAX 9).</summary>
    public static bool Contains(char c) => char.IsControl(c) || c is '\u2028' or '\u2029' or '\u200E' or '\u200F' or '\u061C' or >= '\u202A' and <= '\u202E' or >= '\u2066' and <= '\u2069';
}
