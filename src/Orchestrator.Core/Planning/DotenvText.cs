using System.Collections.Immutable;
using System.Text;
using Orchestrator.Core.Definitions.Reading;

namespace Orchestrator.Core.Planning;

/// <summary>
/// Reads a file of variables: lines <c>NAME=value</c>, with or without <c>export</c>. A value in single quotes is taken as it stands, one in double quotes
/// knows \n \t \r \" \\ \$, both may hold lines; one without quotes ends at the line's end or at a <c>#</c> after a blank. Nothing is expanded.
/// </summary>
public static class DotenvText
{
    /// <summary>The variables in order; false with what is wrong, which names the line and never a value: it may be a secret.</summary>
    public static bool TryRead(string text, out ImmutableArray<KeyValuePair<string, string>> variables, out string problem)
    {
        var all = ImmutableArray.CreateBuilder<KeyValuePair<string, string>>();
        var (at, line) = (0, 1);
        (variables, problem) = ([], "");
        text = text.TrimStart('\uFEFF').ReplaceLineEndings("\n");
        while (at < text.Length)
        {
            var end = text.IndexOf('\n', at) is >= 0 and var found ? found : text.Length;
            var content = text.AsSpan(at, end - at).Trim();
            if (content.IsEmpty || content[0] == '#')
            {
                (at, line) = (end + 1, line + 1);
                continue;
            }
            if (content.StartsWith("export ", StringComparison.Ordinal)) content = content[7..].TrimStart();
            var equals = content.IndexOf('=');
            var name = equals < 0 ? "" : content[..equals].TrimEnd().ToString();
            if (!Names.IsVariable(name))
            {
                problem = $"line {line} is not NAME=value.";
                return false;
            }
            at = text.IndexOf('=', at) + 1;
            while (at < end && text[at] is ' ' or '\t') at++;
            if (at < end && text[at] is '\'' or '"')
            {
                var start = line;
                if (Quoted(text, ref at, ref line) is not { } value)
                {
                    problem = $"the quotes that open on line {start} are not closed.";
                    return false;
                }
                all.Add(new(name, value));
                end = text.IndexOf('\n', at) is >= 0 and var next ? next : text.Length;
                if (text.AsSpan(at, end - at).TrimStart() is not ([] or ['#', ..]))
                {
                    problem = $"text follows the closing quote on line {line}.";
                    return false;
                }
            }
            else all.Add(new(name, Plain(text.AsSpan(at, end - at))));
            (at, line) = (end + 1, line + 1);
        }
        variables = all.ToImmutable();
        return true;
    }

    private static string Plain(ReadOnlySpan<char> rest)
    {
        for (var i = 0; i < rest.Length; i++)
            if (rest[i] == '#' && (i == 0 || rest[i - 1] is ' ' or '\t')) return rest[..i].TrimEnd().ToString();
        return rest.TrimEnd().ToString();
    }

    private static string? Quoted(string text, ref int at, ref int line)
    {
        var quote = text[at++];
        var value = new StringBuilder();
        for (; at < text.Length; at++)
        {
            var c = text[at];
            if (c == quote)
            {
                at++;
                return value.ToString();
            }
            if (c == '\n') line++;
            if (quote == '"' && c == '\\' && at + 1 < text.Length && text[at + 1] is 'n' or 't' or 'r' or '"' or '\\' or '$')
                value.Append(text[++at] switch { 'n' => '\n', 't' => '\t', 'r' => '\r', var other => other });
            else value.Append(c);
        }
        return null;
    }
}
