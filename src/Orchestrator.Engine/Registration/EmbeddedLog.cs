using Microsoft.Extensions.Logging;

namespace Orchestrator.Engine.Registration;

/// <summary>What an orchestrator inside a host says about its life: event ids 4900 to 4999.</summary>
internal static partial class EmbeddedLog
{
    [LoggerMessage(4901, LogLevel.Information, "Orchestrator ready in {ElapsedMs:0} ms: {Workflows} workflows, {Adopted} runs taken over")]
    public static partial void Ready(this ILogger logger, int workflows, int adopted, double elapsedMs);
}
