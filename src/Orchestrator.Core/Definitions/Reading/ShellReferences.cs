using Orchestrator.Core.Expressions;

namespace Orchestrator.Core.Definitions.Reading;

/// <summary>Finds what a shell would replace in a text that no shell reads: <c>${NAME}</c>, and <c>$NAME</c> of the variables everybody extends.</summary>
internal static class ShellReferences
{
    private static readonly string[] s_usual = ["PATH", "HOME", "USER", "LANG", "TZ", "TMPDIR", "PWD", "LD_LIBRARY_PATH", "PYTHONPATH", "CLASSPATH"];

    /// <summary>The first of them outside expressions, as written, and the variable's name; null where there is none.</summary>
    public static (string Text, string Name)? First(string text)
    {
        for (var at = text.IndexOf('$', StringComparison.Ordinal); at >= 0 && at + 1 < text.Length; at = text.IndexOf('$', at + 1))
        {
            if (text.AsSpan(at).StartsWith(Template.Open, StringComparison.Ordinal))
            {
                at = Template.FindClose(text, at + Template.Open.Length);
                if (at < 0) return null;
                continue;
            }
            var braced = text[at + 1] == '{';
            var start = at + (braced ? 2 : 1);
            var end = start;
            while (end < text.Length && (char.IsAsciiLetterOrDigit(text[end]) || text[end] == '_')) end++;
            var name = text[start..end];
            if (braced ? Names.IsVariable(name) && end < text.Length && text[end] == '}' : s_usual.Contains(name)) return (text[at..(braced ? end + 1 : end)], name);
        }
        return null;
    }
}
