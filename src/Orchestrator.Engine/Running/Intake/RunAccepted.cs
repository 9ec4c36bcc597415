using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Running;

/// <summary>A run that is in the journal.</summary>
/// <param name="RunId">Its id.</param>
/// <param name="AlreadyExisted">It had been accepted before, by this request or its twin; nothing was started now.</param>
public sealed record RunAccepted(RunId RunId, bool AlreadyExisted);
