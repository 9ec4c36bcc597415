using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Quartz;

namespace Orchestrator.Engine.Scheduling;

/// <summary>Adds scheduling to a host.</summary>
public static class SchedulingRegistration
{
    /// <summary>
    /// Adds Quartz with its memory store and the reconciler, as hosted services. The container must hold an
    /// <see cref="Journal.IRunJournal"/> and an <see cref="Installation"/>; a <see cref="TimeProvider"/> given before wins over the system's.
    /// </summary>
    /// <param name="actions">Makes what schedules ask of the engine.</param>
    /// <param name="limits">Limits; null: the defaults.</param>
    public static IServiceCollection AddScheduling(
        this IServiceCollection services, Func<IServiceProvider, ScheduleActions> actions, SchedulingOptions? limits = null)
    {
        services.TryAddSingleton(TimeProvider.System);
        var clock = services.LastOrDefault(s => s.ServiceType == typeof(TimeProvider))?.ImplementationInstance as TimeProvider ?? TimeProvider.System;
        services.AddQuartz(quartz =>
        {
            quartz.ConfigureScheduler(o => o.InstanceName = "orchestrator");
            quartz.UseTimeProvider(clock);
            quartz.UseInMemoryStore();
        });
        services.AddQuartzHostedService(o =>
        {
            o.WaitForJobsToComplete = true;
            // A host that fails to start, as on a busy port, never says that it has started, and Quartz would hold up its stop until the time limit.
            o.AwaitApplicationStarted = false;
        });
        services.TryAddSingleton(limits ?? new SchedulingOptions());
        services.TryAddSingleton(actions);
        services.TryAddSingleton<ScheduleReconciler>();
        services.AddHostedService(s => s.GetRequiredService<ScheduleReconciler>());
        return services;
    }
}
