using Microsoft.Extensions.Logging;
using Orchestrator.Engine.Executors;

namespace Orchestrator.Engine.Running.Attempts;

/// <summary>What every attempt needs beside its run.</summary>
internal sealed record AttemptServices(
    Func<string, ITaskExecutor?> Executors,
    SecretSource Secrets,
    RunPaths Paths,
    TimeProvider Clock,
    ILogger Log);
