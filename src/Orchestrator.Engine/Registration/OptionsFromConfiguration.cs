using Microsoft.Extensions.Configuration;
using Orchestrator.Engine.Hosting.Options;

namespace Orchestrator.Engine.Registration;

/// <summary>The keys of the section <c>Orchestrator</c> that an orchestrator inside a host shares with the program.</summary>
internal static class OptionsFromConfiguration
{
    /// <summary>Takes what is set; what is wrong is kept for the validation at the host's start, which tells all of it at once.</summary>
    /// <param name="folder">Folder that relative paths start from.</param>
    public static void Read(IConfiguration configuration, string folder, OrchestratorOptions options)
    {
        var section = configuration.GetSection(NodeOptions.Section);
        var found = NodeOptionsReader.Read(new(section, folder, options.Unusable), options.ToNode());
        options.Take(found);
        if (section.GetSection("Webhooks").Exists() || section.GetSection("RabbitMq").Exists()) options.Deliveries = found.DeliveriesIn(options.Deliveries);
    }
}
