using Microsoft.Extensions.DependencyInjection;

namespace Orchestrator.Engine.Registration;

/// <summary>What a feature needs to add itself to an orchestrator inside a host.</summary>
public interface IOrchestratorBuilder
{
    /// <summary>The host's services.</summary>
    IServiceCollection Services { get; }
}

internal sealed class OrchestratorBuilder(IServiceCollection services, Registered registered) : IOrchestratorBuilder
{
    public IServiceCollection Services => services;

    public Registered Registered => registered;

    /// <exception cref="ArgumentException">It was not made by AddOrchestrator.</exception>
    public static Registered Of(IOrchestratorBuilder builder) =>
        builder is OrchestratorBuilder own ? own.Registered
        : builder?.Services.FirstOrDefault(s => s.ServiceType == typeof(Registered))?.ImplementationInstance as Registered
            ?? throw new ArgumentException("Call AddOrchestrator first.", nameof(builder));
}
