using System.Diagnostics.CodeAnalysis;
using Orchestrator.AspNetCore.Access;
using Orchestrator.Engine.Hosting;
using Orchestrator.Engine.Hosting.Options;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Registration;

namespace Orchestrator.AspNetCore;

/// <summary>Serves the HTTP API of an orchestrator from the host that it is in.</summary>
public static class OrchestratorEndpoints
{
    private const long LeastBody = 1 << 10;
    private const long MostBody = 64 << 20;

    /// <summary>
    /// Maps the API of the orchestrator that <c>AddOrchestrator</c> has added: <c>/api/v1/...</c> below the prefix, the same resources, answers
    /// and errors that the program `orchestrator` has. Deliveries to triggers are taken from anyone who proves the trigger's secret, without a
    /// token and with <c>RequireAuthorization()</c> too.
    /// </summary>
    /// <param name="endpoints">The host's routes, or a group of them.</param>
    /// <param name="prefix">Path before <c>/api</c>, such as <c>/orchestrator</c>. Default none.</param>
    /// <param name="configure">Who may call, and what else is mapped; see <see cref="OrchestratorApiOptions"/>.</param>
    /// <returns>For conventions of all its endpoints, such as <c>RequireAuthorization()</c>.</returns>
    /// <exception cref="InvalidOperationException">
    /// The host has no orchestrator, or one with a journal of the host's own, or the token file cannot be used.
    /// </exception>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public static IEndpointConventionBuilder MapOrchestrator(
        this IEndpointRouteBuilder endpoints, [StringSyntax("Route")] string prefix = "", Action<OrchestratorApiOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(prefix);
        var options = new OrchestratorApiOptions();
        configure?.Invoke(options);
        if (options.MaxBodyBytes is < LeastBody or > MostBody)
            throw new ArgumentException($"MaxBodyBytes must be from {LeastBody} to {MostBody}, was {options.MaxBodyBytes}.", nameof(configure));

        var services = endpoints.ServiceProvider;
        var node = ApiNode.Of(services, WhyNotReady(services));
        if (!ReferenceEquals(services.GetRequiredService<IRunJournal>(), services.GetRequiredService<NodeJournal>()))
            throw new InvalidOperationException(
                "MapOrchestrator reads runs from the data directory, but this host keeps them in a journal of its own. Register no IRunJournal.");
        var guards = new Guards(
            Rules(options, services), () => node.WhyNotReady, services.GetRequiredService<StorageHealth>(), services.GetRequiredService<ILogger<Guards>>());
        var parts = new ApiParts(options.Health, options.Metrics, options.OpenApi, options.Metrics ? node.Measured() : null);
        return new ApiSite(node, guards, options.MaxBodyBytes).Map(endpoints, prefix, parts);
    }

    private static Func<string?> WhyNotReady(IServiceProvider services)
    {
        var (client, life) = (services.GetService<OrchestratorClient>(), services.GetRequiredService<IHostApplicationLifetime>());
        return () => client?.WhyNotStarted ?? (life.ApplicationStopping.IsCancellationRequested ? "stopping" : null);
    }

    private static AccessRules Rules(OrchestratorApiOptions options, IServiceProvider services) => new()
    {
        Hosts = new([.. options.AllowedHosts], services.GetRequiredService<NodeSetup>().Options.PublicUrl), HostsSetting = "AllowedHosts of MapOrchestrator",
        Tokens = options.TokenFile is { } file ? Tokens(Path.GetFullPath(file, services.GetRequiredService<IHostEnvironment>().ContentRootPath)) : null,
        Host = new(options.AuthorizedByHost, LeavesNamesToHost: options.AllowedHosts.Count == 0),
    };

    private static TokenList Tokens(string file)
    {
        try { return TokenList.Read(file, "TokenFile of MapOrchestrator"); }
        catch (OptionsException e) { throw new InvalidOperationException(e.Message, e); }
    }
}
