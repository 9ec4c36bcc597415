using System.Collections.Immutable;

namespace Orchestrator.Core.Explanations;

/// <summary>One condition that something must meet, with what was found.</summary>
/// <param name="Name">The gate, a lower snake_case word.</param>
/// <param name="Value">What was found; null where there is nothing to show.</param>
/// <param name="Passes">Whether it lets through; null: it was not asked, or it is not known.</param>
/// <param name="Sentence">The same for people.</param>
public sealed record Gate(string Name, string? Value, bool? Passes, string Sentence)
{
    /// <summary>What the value is made of: dependencies, operands, holders.</summary>
    public ImmutableArray<GateFact> Facts { get; init; } = [];
}

/// <summary>Something a gate looked at.</summary>
/// <param name="Name">A task, a run, or the text of an operand.</param>
/// <param name="Value">What was found there.</param>
public readonly record struct GateFact(string Name, string? Value);
