using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Running;

/// <summary>The outcome of an answer to a run's question, or of an event sent to it.</summary>
/// <param name="Refusal">Null when it was taken, durably.</param>
public sealed record AnswerResult(AnswerRefusal? Refusal);
