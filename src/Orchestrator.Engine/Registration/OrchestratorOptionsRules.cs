using Microsoft.Extensions.Options;
using Orchestrator.Engine.Hosting.Options;

namespace Orchestrator.Engine.Registration;

/// <summary>Every wrong value at once, with the key and what was found; and what was registered that cannot run.</summary>
internal sealed class OrchestratorOptionsRules(Registered registered) : IValidateOptions<OrchestratorOptions>
{
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(1);

    public ValidateOptionsResult Validate(string? name, OrchestratorOptions options)
    {
        var problems = options.Unusable.Concat(Problems(options)).Concat(registered.Problems()).ToList();
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    private static IEnumerable<string> Problems(OrchestratorOptions o)
    {
        if (string.IsNullOrWhiteSpace(o.DataDirectory)) yield return "DataDirectory must name a folder, was empty.";
        if (!NodeOptionsReader.InstanceIdShape().IsMatch(o.InstanceId)) yield return $"InstanceId must be 1 to 100 letters, digits, '.', '_' or '-' and begin with a letter or digit, was '{o.InstanceId}'.";
        if (o.Slots is < 1 or > 10_000) yield return $"Slots must be 1 to 10000, was {o.Slots}.";
        if (o.MaxOpenRuns is < 1 or > 1_000_000) yield return $"MaxOpenRuns must be 1 to 1000000, was {o.MaxOpenRuns}.";
        if (o.MaxRunningRuns is < 1 or > 1_000_000) yield return $"MaxRunningRuns must be 1 to 1000000, was {o.MaxRunningRuns}.";
        foreach (var (pool, slots) in o.Pools)
            if (slots < 1) yield return $"Pools['{pool}'] must have at least 1 slot, was {slots}.";
        if (o.Drain < TimeSpan.Zero || o.Drain > s_longest) yield return $"Drain must be between 0 and a day, was {o.Drain}.";
        if (o.StopGrace < TimeSpan.Zero || o.StopGrace > s_longest) yield return $"StopGrace must be between 0 and a day, was {o.StopGrace}.";
        if (o.LogLimit < 4096) yield return $"LogLimit must be at least 4096 bytes, was {o.LogLimit}.";
        if (o.OutputLimit is < 1 or > 256 << 20) yield return $"OutputLimit must be between 1 byte and 256 MiB, was {o.OutputLimit}.";
        if (o.ArtifactsLimit < 0) yield return $"ArtifactsLimit must not be negative, was {o.ArtifactsLimit}.";
        if (!NodeOptionsReader.ClientShape().IsMatch(o.ContainerClient)) yield return $"ContainerClient must be auto, docker, podman or an absolute path, was '{o.ContainerClient}'.";
        if (o.Retention.Age < TimeSpan.Zero) yield return $"Retention.Age must not be negative, was {o.Retention.Age}.";
        if (o.Retention.Count < 1) yield return $"Retention.Count must be at least 1, was {o.Retention.Count}.";
        if (o.Retention.Bytes < 1) yield return $"Retention.Bytes must be at least 1, was {o.Retention.Bytes}.";
        if (o.StreamAge < TimeSpan.Zero) yield return $"StreamAge must not be negative, was {o.StreamAge}.";
        if (o.StreamCount < 1) yield return $"StreamCount must be at least 1, was {o.StreamCount}.";
        foreach (var (database, source) in o.Connections)
            if (new[] { source.ConnectionString, source.File, source.Env }.Count(v => v is not null) != 1) yield return $"Connections['{database}'] needs exactly one of ConnectionString, File and Env.";
        if (o.Deliveries.Attempts is < 1 or > 20) yield return $"Deliveries.Attempts must be 1 to 20, was {o.Deliveries.Attempts}.";
        foreach (var twice in o.Deliveries.Webhooks.GroupBy(w => w.Name, StringComparer.Ordinal).Where(g => g.Count() > 1))
            yield return $"Deliveries.Webhooks holds '{twice.Key}' {twice.Count()} times; give each a name of its own.";
    }
}
