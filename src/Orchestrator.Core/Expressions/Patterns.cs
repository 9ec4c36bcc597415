using System.Text.RegularExpressions;

namespace Orchestrator.Core.Expressions;

/// <summary>Regular expressions that a definition holds, under the bounds of <c>matches</c>.</summary>
internal static class Patterns
{
    private const RegexOptions Options = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant;
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);

    /// <summary>Why a pattern cannot be used, as a sentence; null where it can.</summary>
    public static string? Problem(string pattern)
    {
        if (pattern.Length > ExpressionLimits.PatternLength) return $"It is longer than {ExpressionLimits.PatternLength} characters.";
        try
        {
            _ = new Regex(pattern, Options, Longest);
            return null;
        }
        catch (NotSupportedException)
        {
            return "It repeats too much or uses a back-reference, look-around or atomic group, which are not available here.";
        }
        catch (ArgumentException e)
        {
            return e is RegexParseException parse ? $"It has an error at character {parse.Offset}." : "It is not a regular expression.";
        }
    }

    /// <summary>Whether a pattern is found in a text; texts too long to look at match nothing.</summary>
    public static bool IsFound(string text, string pattern)
    {
        if (text.Length > ExpressionLimits.MatchedLength) return false;
        try { return Regex.IsMatch(text, pattern, Options, Longest); }
        catch (RegexMatchTimeoutException) { return false; }
    }
}
