using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Executors.Delegate;

/// <summary>What a delegate knows about the attempt it carries out.</summary>
/// <param name="RunId">The run.</param>
/// <param name="TaskId">The task.</param>
/// <param name="Attempt">1-based.</param>
/// <param name="With">The task's `with`, expressions replaced.</param>
/// <param name="Logger">For what people should know.</param>
public sealed record DelegateContext(
    RunId RunId, TaskId TaskId, int Attempt, ImmutableSortedDictionary<string, JsonElement> With, ILogger Logger);
