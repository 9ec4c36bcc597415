namespace Orchestrator.Conformance.Harness;

/// <summary>A podman of one case's own: its configuration is named in the sandbox's environment, its images and containers are in a folder that goes with it.</summary>
internal sealed class PodmanStore : IAsyncDisposable
{
    private readonly Sandbox _box;
    private readonly string _folder;

    private PodmanStore(Sandbox box, string folder) => (_box, _folder) = (box, folder);

    /// <summary>Makes an image of this machine's shell and a few programs.</summary>
    public static async Task<PodmanStore> OpenAsync(Sandbox box, string image)
    {
        var store = new PodmanStore(box, Directory.CreateDirectory($"/tmp/orc-{Guid.NewGuid():N}"[..16]).FullName);   // a runroot may have 50 characters
        box.Environment["CONTAINERS_CONF"] = box.Write("containers.conf", """
            [containers]
            default_ulimits = ["nofile=1024:1024", "nproc=1000:1000"]
            netns = "host"
            [engine]
            runtime = "runc"
            cgroup_manager = "cgroupfs"
            """);
        box.Environment["CONTAINERS_STORAGE_CONF"] = box.Write("storage.conf", $"""
            [storage]
            driver = "overlay"
            graphroot = "{store._folder}/graph"
            runroot = "{store._folder}/run"
            """);
        var made = await box.StartOther("sh", "-euc", """
            cd "$1"
            mkdir -p root/bin root/tmp root/etc
            for program in sh sleep touch cat true; do
              path=$(command -v $program)
              [ $program = true ] && path=/bin/true
              cp -L "$path" root/bin/$program
              ldd "$path" | grep -o '/[^ ]*' | while read -r library; do mkdir -p "root$(dirname "$library")"; cp -L "$library" "root$library"; done
            done
            tar -C root -cf - . | podman import - "$2"
            """, "sh", store._folder, image).EndAsync(TimeSpan.FromMinutes(2));
        made.Exits(0);
        return store;
    }

    /// <summary>Names of the containers there are, running or not.</summary>
    public async Task<string[]> NamesAsync() =>
        (await _box.StartOther("podman", "ps", "--all", "--format", "{{.Names}}").EndAsync()).Exits(0).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public async ValueTask DisposeAsync()
    {
        await _box.StartOther("podman", "rm", "--all", "--force", "--time", "0").EndAsync();
        await _box.StartOther("umount", "--lazy", Path.Combine(_folder, "graph", "overlay")).EndAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
