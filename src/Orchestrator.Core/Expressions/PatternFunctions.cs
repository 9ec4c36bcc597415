using System.Text.RegularExpressions;

namespace Orchestrator.Core.Expressions;

/// <summary>
/// Regular expressions that cannot run away: no backtracking, a bounded pattern and text, and a time limit as the last fence. The engine
/// itself refuses patterns whose counts, written out, make more than 10,000 pieces.
/// </summary>
internal static class PatternFunctions
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);

    public static ExpressionValue Matches(ExpressionValue[] a, Evaluation evaluation)
    {
        var (text, pattern) = (a.Text(0, "matches"), a.Text(1, "matches"));
        if (pattern.Length > ExpressionLimits.PatternLength)
            throw new ExpressionException($"The pattern of matches is longer than {ExpressionLimits.PatternLength} characters.");
        if (text.Length > ExpressionLimits.MatchedLength)
            throw new ExpressionException($"The text given to matches is longer than {ExpressionLimits.MatchedLength} characters.");
        evaluation.Spend(100 + text.Length);
        try
        {
            return ExpressionValue.From(Regex.IsMatch(text, pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, Longest));
        }
        catch (RegexMatchTimeoutException)
        {
            throw new ExpressionException("The pattern of matches takes too long.");
        }
        catch (NotSupportedException)
        {
            throw new ExpressionException("The pattern of matches repeats too much or uses a back-reference, look-around or atomic group, which are not available here.");
        }
        catch (ArgumentException e)
        {
            // The exception's own message quotes the pattern, which may be computed.
            var where = e is RegexParseException parse ? $" ({parse.Error} at character {parse.Offset})" : "";
            throw new ExpressionException($"The pattern of matches is not a regular expression{where}.");
        }
    }
}
