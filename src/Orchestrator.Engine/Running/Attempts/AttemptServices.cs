using Microsoft.Extensions.Logging;
using Orchestrator.Engine.Executors;
using Orchestrator.Engine.Executors.Process;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Secrets;

namespace Orchestrator.Engine.Running.Attempts;

/// <summary>What every attempt needs beside its run.</summary>
internal sealed record AttemptServices(
    Func<string, ITaskExecutor?> Executors,
    SecretSource Secrets,
    IRunFiles Files,
    ProcessTaskOptions Limits,
    TimeProvider Clock,
    ILogger Log);
