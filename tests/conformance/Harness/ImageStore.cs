namespace Orchestrator.Conformance.Harness;

/// <summary>Images and containers of one case, in a folder of its own: built by buildah, run by podman, without a network of their own and without a registry.</summary>
internal sealed class ImageStore(Sandbox box) : IAsyncDisposable
{
    public const string Tag = "localhost/orchestrator:test";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    // What a machine without systemd, without cgroups of its own and with low limits needs; the rest is what docker-compose.yml asks for.
    private static readonly string[] Run =
    [
        "run", "--runtime=runc", "--network=host", "--ulimit=nofile=4096:4096", "--ulimit=nproc=4096:4096",
        "--read-only", "--cap-drop=all", "--security-opt=no-new-privileges",
    ];

    // Not in the sandbox: its runroot may have 50 characters.
    private string Folder { get; } = $"/tmp/orc-{Guid.NewGuid():N}"[..16];

    private string[] Options => ["--root", Path.Combine(Folder, "graph"), "--runroot", Path.Combine(Folder, "run")];

    /// <summary>Whether containers can be made here: by root with mounts of its own. Elsewhere the steps are replayed without them.</summary>
    public static async Task<bool> IsPossibleAsync(Sandbox box) => (await box.StartOther("unshare", "--mount", "true").EndAsync()).ExitCode == 0;

    /// <summary>Builds the repository's Dockerfile as it stands.</summary>
    public async Task BuildAsync()
    {
        Directory.CreateDirectory(Folder);
        var script = Path.Combine(Built.Repository, "tests/conformance/Images/build-image");
        (await box.StartOther("bash", script, Folder, Path.GetDirectoryName(Path.GetFullPath(Built.Program))!, Built.Repository, Tag).EndAsync(Patience)).Exits(0);
    }

    /// <summary>Runs a container of the image as docker-compose.yml would.</summary>
    public Task<Finished> RunAsync(IEnumerable<string> options, params string[] arguments) => PodmanAsync([.. Run, .. options, Tag, .. arguments]);

    public async Task<Finished> PodmanAsync(params string[] arguments) => await box.StartOther("podman", [.. Options, .. arguments]).EndAsync(Patience);

    public async ValueTask DisposeAsync()
    {
        await PodmanAsync("rm", "--all", "--force", "--time", "0");
        await box.StartOther("umount", "--lazy", Path.Combine(Folder, "graph", "overlay")).EndAsync();
        Directory.Delete(Folder, recursive: true);
    }
}
