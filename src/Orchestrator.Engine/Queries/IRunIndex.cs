using Orchestrator.Core.Runs.View;

namespace Orchestrator.Engine.Queries;

/// <summary>Answers from the index as long as it holds what the journal holds.</summary>
internal interface IRunIndex
{
    /// <summary>Runs, newest first; null: the index cannot say, so the journal is to be read.</summary>
    Task<IReadOnlyList<RunRow>?> ListAsync(RunFilter filter, CancellationToken stop);
}
