namespace Orchestrator.Core.Definitions.Reading;

/// <summary>An `if` is written as <c>${{ expr }}</c> or as the bare expression.</summary>
internal static class Conditions
{
    /// <summary>The bare expression and where it begins; false when the text has <c>${{</c> anywhere but around the whole of it.</summary>
    public static bool Strip(string text, out ReadOnlySpan<char> expression, out int offset)
    {
        expression = text.AsSpan().Trim();
        offset = text.Length - text.AsSpan().TrimStart().Length;
        if (expression.StartsWith("${{", StringComparison.Ordinal) && expression.EndsWith("}}", StringComparison.Ordinal) && expression.Length >= 5)
        {
            var inner = expression[3..^2];
            offset += 3 + inner.Length - inner.TrimStart().Length;
            expression = inner.Trim();
        }
        return expression.IndexOf("${{", StringComparison.Ordinal) < 0;
    }
}
