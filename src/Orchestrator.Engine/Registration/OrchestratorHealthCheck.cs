using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Scheduling;

namespace Orchestrator.Engine.Registration;

/// <summary>Adds the orchestrator to a host's health checks.</summary>
public static class HealthCheckRegistration
{
    /// <summary>
    /// Unhealthy while the orchestrator has not started, did not start or its journal cannot be written, and while a due time is overdue. Degraded while archives
    /// or reports cannot be written (they wait), and while a schedule is wrong.
    /// </summary>
    /// <param name="name">Name of the check. Default <c>orchestrator</c>.</param>
    /// <param name="tags">Tags to select it by.</param>
    public static IHealthChecksBuilder AddOrchestrator(this IHealthChecksBuilder checks, string name = "orchestrator", params IEnumerable<string> tags)
    {
        ArgumentNullException.ThrowIfNull(checks);
        return checks.Add(new(name, services => new OrchestratorHealthCheck(
            services.GetRequiredService<OrchestratorClient>(), services.GetRequiredService<StorageHealth>(), services.GetRequiredService<ScheduleReconciler>()), null, tags));
    }
}

/// <summary>Whether the orchestrator of this host takes work.</summary>
internal sealed class OrchestratorHealthCheck(OrchestratorClient client, StorageHealth storage, ScheduleReconciler schedules) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(Look());

    private HealthCheckResult Look()
    {
        if (client.WhyNotStarted is { } reason) return HealthCheckResult.Unhealthy(reason);
        if (storage.Of(StoragePart.Journal) is { } journal) return HealthCheckResult.Unhealthy($"The journal cannot be written: {journal.Reason}");
        if (schedules.Trouble is { } overdue) return HealthCheckResult.Unhealthy(overdue);
        var troubles = storage.Troubles.Select(t => $"{Core.Words.Of(t.Part)}: {t.Reason}")
            .Concat(schedules.RefusedNow.Select(r => $"Schedule {r.Workflow}/{r.ScheduleId} is wrong: {r.Error}")).ToList();
        return troubles.Count == 0 ? HealthCheckResult.Healthy("Takes work.") : HealthCheckResult.Degraded(string.Join(" ", troubles));
    }
}
