namespace Orchestrator.Core.Definitions;

/// <summary>Something wrong with a definition: a stable code, what is wrong, what to do about it, and where.</summary>
/// <param name="Code"><c>ORC</c> and three digits; a code never changes its meaning.</param>
/// <param name="Message">What is wrong, naming the culprit.</param>
/// <param name="Remedy">What the author can do; may be empty when the message says it.</param>
/// <param name="At">Where it stands.</param>
public sealed record Problem(string Code, string Message, string Remedy, SourceSpan At)
{
    /// <summary>One line for people: <c>file:3:5: ORC104 message remedy</c>.</summary>
    public override string ToString() => Remedy.Length == 0 ? $"{At}: {Code} {Message}" : $"{At}: {Code} {Message} {Remedy}";
}
