using Orchestrator.Engine.Executors.Process;

namespace Orchestrator.Engine.Executors.Container;

/// <summary>Finds the program that runs containers.</summary>
/// <param name="setting">The worker's setting: auto, docker, podman, or an absolute path.</param>
/// <param name="environment">The worker's environment.</param>
public sealed class ContainerClients(string setting, IReadOnlyDictionary<string, string> environment)
{
    private static readonly string[] Known = ["docker", "podman"];

    /// <summary>Variables by which a client finds its daemon, its registries' credentials and its own files; no container gets them.</summary>
    internal static readonly string[] Variables =
    [
        "DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG", "DOCKER_CERT_PATH", "DOCKER_TLS_VERIFY", "CONTAINER_HOST", "CONTAINERS_CONF", "CONTAINERS_STORAGE_CONF", "REGISTRY_AUTH_FILE",
        "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "DBUS_SESSION_BUS_ADDRESS", "SSH_AUTH_SOCK",
    ];

    private readonly KnownPrograms _programs = new();

    /// <summary>Absolute path of the client.</summary>
    /// <param name="engine">The one the task asks for; null: any.</param>
    /// <exception cref="SpawnRefusedException">There is none; the message says what to do.</exception>
    internal string Find(string? engine)
    {
        if (setting.StartsWith('/') && (engine is null || Path.GetFileName(setting) == engine))
            return File.Exists(setting) ? setting : throw new SpawnRefusedException($"The container client '{setting}' does not exist: correct Orchestrator:Containers:Client.");
        string[] wanted = engine is not null ? [engine] : setting is "docker" or "podman" ? [setting] : Known;
        var path = environment.GetValueOrDefault("PATH");
        foreach (var name in wanted)
            if (_programs.Find(name, path, "/") is { } found) return found;
        throw new SpawnRefusedException(wanted.Length > 1
            ? $"There is neither docker nor podman in the worker's PATH ({path ?? "not set"}): install one of them, or name the client in Orchestrator:Containers:Client."
            : $"There is no {wanted[0]} in the worker's PATH ({path ?? "not set"}): install it, or {(engine is null ? "change Orchestrator:Containers:Client" : "leave `engine` out to use docker or podman, whichever is there")}.");
    }

    /// <summary>The variables a client is called with for its own affairs.</summary>
    internal IEnumerable<KeyValuePair<string, string>> OwnEnvironment() =>
        environment.Where(v => v.Key is "PATH" or "HOME" or "USER" or "LANG" or "TMPDIR" || Variables.Contains(v.Key, StringComparer.Ordinal));
}
