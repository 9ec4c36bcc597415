using System.Globalization;
using System.Text;

namespace Orchestrator.Core.Expressions;

internal static class TextFunctions
{
    public static ExpressionValue StartsWith(ExpressionValue[] a, Evaluation _) =>
        ExpressionValue.From(a.Text(0, "starts_with").StartsWith(a.Text(1, "starts_with"), StringComparison.Ordinal));

    public static ExpressionValue EndsWith(ExpressionValue[] a, Evaluation _) =>
        ExpressionValue.From(a.Text(0, "ends_with").EndsWith(a.Text(1, "ends_with"), StringComparison.Ordinal));

    public static ExpressionValue Upper(ExpressionValue[] a, Evaluation _) => ExpressionValue.From(a.Text(0, "upper").ToUpperInvariant());

    public static ExpressionValue Lower(ExpressionValue[] a, Evaluation _) => ExpressionValue.From(a.Text(0, "lower").ToLowerInvariant());

    public static ExpressionValue Trim(ExpressionValue[] a, Evaluation _) => ExpressionValue.From(a.Text(0, "trim").Trim());

    public static ExpressionValue String(ExpressionValue[] a, Evaluation _) => ExpressionValue.From(a[0].ToText());

    public static ExpressionValue UrlEncode(ExpressionValue[] a, Evaluation evaluation)
    {
        var text = a[0].ToText();
        evaluation.Spend(text.Length / 64);
        return ExpressionValue.From(Uri.EscapeDataString(text));
    }

    public static ExpressionValue Replace(ExpressionValue[] a, Evaluation evaluation)
    {
        var (text, old, with) = (a.Text(0, "replace"), a.Text(1, "replace"), a.Text(2, "replace"));
        if (old.Length == 0) throw new ExpressionException("The second argument of replace is not empty.");
        var result = new BoundedText();
        var at = 0;
        for (int next; (next = text.IndexOf(old, at, StringComparison.Ordinal)) >= 0; at = next + old.Length)
        {
            evaluation.Spend(1);
            result.Append(text.AsSpan(at, next - at)).Append(with);
        }
        return result.Append(text.AsSpan(at)).ToValue();
    }

    public static ExpressionValue Split(ExpressionValue[] a, Evaluation evaluation)
    {
        var (text, separator) = (a.Text(0, "split"), a.Text(1, "split"));
        if (separator.Length == 0) throw new ExpressionException("The second argument of split is not empty.");
        var parts = new List<ExpressionValue>();
        var at = 0;
        for (int next; (next = text.IndexOf(separator, at, StringComparison.Ordinal)) >= 0; at = next + separator.Length)
        {
            evaluation.Spend(1);
            parts.Add(ExpressionValue.From(text[at..next]));
        }
        parts.Add(ExpressionValue.From(text[at..]));
        return ExpressionValue.From([.. parts]);
    }

    public static ExpressionValue Format(ExpressionValue[] a, Evaluation evaluation)
    {
        var pattern = a.Text(0, "format");
        var result = new BoundedText();
        for (var i = 0; i < pattern.Length; i++)
        {
            var c = pattern[i];
            if (c is '{' or '}' && i + 1 < pattern.Length && pattern[i + 1] == c) result.Append(pattern.AsSpan(i++, 1));
            else if (c == '{')
            {
                evaluation.Spend(1);
                var close = pattern.IndexOf('}', i);
                if (close < 0 || !int.TryParse(pattern.AsSpan(i + 1, close - i - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var index))
                    throw new ExpressionException("The pattern of format has a '{' that is not {0}, {1} and so on. Write '{{' for a brace.");
                if (index >= a.Length - 1)
                    throw new ExpressionException($"The pattern of format asks for {{{index}}}, but only {a.Length - 1} value{(a.Length == 2 ? "" : "s")} follow it.");
                result.Append(a[index + 1].ToText());
                i = close;
            }
            else if (c == '}') throw new ExpressionException("The pattern of format has a '}' without '{'. Write '}}' for a brace.");
            else result.Append(pattern.AsSpan(i, 1));
        }
        return result.ToValue();
    }
}

/// <summary>Collects text and stops at the longest allowed.</summary>
internal sealed class BoundedText(int limit = ExpressionLimits.ResultLength)
{
    private readonly StringBuilder _text = new();

    public BoundedText Append(ReadOnlySpan<char> more)
    {
        if (_text.Length + more.Length > limit) throw new ExpressionException($"A text is longer than {limit} characters.");
        _text.Append(more);
        return this;
    }

    public ExpressionValue ToValue() => ExpressionValue.From(_text.ToString());

    public override string ToString() => _text.ToString();
}
