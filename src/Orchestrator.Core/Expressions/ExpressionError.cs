namespace Orchestrator.Core.Expressions;

/// <summary>Why a text is not an expression or template, and where.</summary>
/// <param name="Message">What is wrong and what to write instead, as whole sentences.</param>
/// <param name="Offset">0-based index of the first character concerned, in the text that was parsed.</param>
/// <param name="Length">Number of characters concerned; 0 at the end of the text.</param>
public sealed record ExpressionError(string Message, int Offset, int Length);
