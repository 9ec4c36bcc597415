namespace Orchestrator.Core.Expressions;

/// <summary>Bounds of parsing and evaluating; past each of them there is an error, never a slow run.</summary>
public static class ExpressionLimits
{
    /// <summary>Longest expression, in characters.</summary>
    public const int TextLength = 16 * 1024;

    /// <summary>Deepest nesting of parentheses, calls, lists and unary operators.</summary>
    public const int Depth = 64;

    /// <summary>
    /// Steps of one evaluation: one for an operation, for each list element a function looks at, for 256 characters of a text it is given or makes, and
    /// for each character a regular expression is applied to.
    /// </summary>
    public const int Steps = 100_000;

    /// <summary>Longest text an expression may produce, in characters.</summary>
    public const int ResultLength = 1024 * 1024;

    /// <summary>Longest list.</summary>
    public const int ListLength = 100_000;

    /// <summary>Longest template, in characters.</summary>
    public const int TemplateLength = 1024 * 1024;

    /// <summary>Most <c>${{ }}</c> in one template.</summary>
    public const int Holes = 1_000;

    /// <summary>Longest rendered template, in characters.</summary>
    public const int RenderedLength = 4 * 1024 * 1024;

    /// <summary>Longest regular expression, in characters.</summary>
    public const int PatternLength = 1_000;

    /// <summary>Longest text a regular expression is applied to, in characters.</summary>
    public const int MatchedLength = 64 * 1024;
}
