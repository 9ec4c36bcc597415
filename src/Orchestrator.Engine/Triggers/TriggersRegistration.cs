using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Orchestrator.Engine.Triggers;

/// <summary>Adds triggers to a host.</summary>
public static class TriggersRegistration
{
    /// <summary>
    /// Adds the triggers in force as a hosted service. The container must hold an <see cref="Journal.IRunJournal"/> and an <see cref="Installation"/>; a <see cref="TimeProvider"/>
    /// given before wins over the system's.
    /// </summary>
    /// <param name="actions">Makes what triggers ask of the engine.</param>
    /// <param name="limits">Limits; null: the defaults.</param>
    public static IServiceCollection AddTriggers(this IServiceCollection services, Func<IServiceProvider, TriggerActions> actions, TriggerOptions? limits = null)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(limits ?? new TriggerOptions());
        services.TryAddSingleton(actions);
        services.TryAddSingleton<DeliveryRates>();
        services.TryAddSingleton<LiveTriggers>();
        services.TryAddSingleton<PostedEvents>();
        services.AddHostedService(s => s.GetRequiredService<LiveTriggers>());
        return services;
    }
}
