namespace Orchestrator.Core.Expressions;

/// <summary>A function of the expression language, as help and documentation show it.</summary>
/// <param name="Name">The name it is called by.</param>
/// <param name="Signature">Name and parameters; optional ones in brackets.</param>
/// <param name="Meaning">One sentence.</param>
/// <param name="Example">An expression that needs nothing from a run.</param>
/// <param name="Result">The example's value as JSON.</param>
public sealed record ExpressionFunction(string Name, string Signature, string Meaning, string Example, string Result)
{
    internal int MinArguments { get; init; }

    internal int MaxArguments { get; init; }

    /// <summary>The work; null for <c>default</c>, whose arguments are evaluated one by one.</summary>
    internal FunctionBody? Invoke { get; init; }
}

internal delegate ExpressionValue FunctionBody(ExpressionValue[] arguments, Evaluation evaluation);
