namespace Orchestrator.Core.Expressions;

/// <summary>
/// A well-formed expression that could not be evaluated. The message names what was wrong; it holds names and the
/// expression as written, never a value, so a secret cannot leak through it. There is no inner exception for the same reason.
/// </summary>
public sealed class ExpressionException : Exception
{
    /// <summary>An error without a message.</summary>
    public ExpressionException() { }

    /// <summary>An error.</summary>
    public ExpressionException(string message) : base(message) { }

    /// <summary>An error; <paramref name="innerException"/> must not hold values.</summary>
    public ExpressionException(string message, Exception innerException) : base(message, innerException) { }

    internal ExpressionException(string message, bool isMissing) : base(message) => IsMissing = isMissing;

    /// <summary>Whether the expression named something that does not exist: what <c>default(x, fallback)</c> absorbs.</summary>
    public bool IsMissing { get; }

    internal static ExpressionException Missing(string message) => new(message, isMissing: true);

    /// <summary>The same error with the expression's text in front, shortened.</summary>
    internal ExpressionException In(string text) =>
        new($"${{{{ {(text.Length > 120 ? text[..117] + "..." : text)} }}}}: {Message}", IsMissing);
}
