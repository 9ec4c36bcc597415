using System.Text.RegularExpressions;

namespace Orchestrator.Core.Expressions;

/// <summary>Regular expressions that cannot run away: no backtracking, bounded pattern, text and repetition, and a time limit as the last fence.</summary>
internal static class PatternFunctions
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);

    public static ExpressionValue Matches(ExpressionValue[] a, Evaluation _)
    {
        var (text, pattern) = (a.Text(0, "matches"), a.Text(1, "matches"));
        if (pattern.Length > ExpressionLimits.PatternLength)
            throw new ExpressionException($"The pattern of matches is longer than {ExpressionLimits.PatternLength} characters.");
        if (text.Length > ExpressionLimits.MatchedLength)
            throw new ExpressionException($"The text given to matches is longer than {ExpressionLimits.MatchedLength} characters.");
        if (PatternWeight.Of(pattern) > PatternWeight.Most)
            throw new ExpressionException($"The pattern of matches repeats too much: written out, its counts make more than {PatternWeight.Most} pieces.");
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
            throw new ExpressionException("The pattern of matches uses a back-reference, look-around or atomic group, which are not available here.");
        }
        catch (ArgumentException e)
        {
            // The exception's own message quotes the pattern, which may be computed.
            var where = e is RegexParseException parse ? $" ({parse.Error} at character {parse.Offset})" : "";
            throw new ExpressionException($"The pattern of matches is not a regular expression{where}.");
        }
    }
}

/// <summary>How many pieces a pattern has once its counted repetitions are written out: <c>(ab{3}){10}</c> is about 40.</summary>
internal static class PatternWeight
{
    public const int Most = 2_000;

    public static long Of(string pattern)
    {
        var sums = new Stack<long>();
        var (sum, last, isClass) = (0L, 0L, false);
        for (var i = 0; i < pattern.Length; i++)
        {
            var c = pattern[i];
            if (c == '\\') i++;
            if (isClass)
            {
                isClass = c != ']';
                continue;
            }
            switch (c)
            {
                case '(':
                    if (sums.Count == ExpressionLimits.Depth) return long.MaxValue;
                    sums.Push(sum);
                    (sum, last) = (0, 0);
                    continue;
                case ')' when sums.Count > 0:
                    last = sum + 1;
                    sum = sums.Pop() + last;
                    continue;
                case '{' when Count(pattern, ref i) is var times and > 1:
                    var added = Math.Min(last, int.MaxValue) * (times - 1);
                    last += added;
                    sum += added;
                    continue;
                case '[':
                    isClass = true;
                    break;
            }
            last = 1;
            sum++;
        }
        return sum;
    }

    // The largest count in {n}, {n,} or {n,m}; leaves i at the closing brace.
    private static int Count(string pattern, ref int i)
    {
        var (close, most) = (pattern.IndexOf('}', i), 0);
        if (close < 0) return 0;
        foreach (var part in pattern[(i + 1)..close].Split(','))
            if (part.Length > 0 && part.All(char.IsAsciiDigit)) most = Math.Max(most, part.Length > 6 ? int.MaxValue / 2 : int.Parse(part, System.Globalization.CultureInfo.InvariantCulture));
        if (most > 0) i = close;
        return most;
    }
}
