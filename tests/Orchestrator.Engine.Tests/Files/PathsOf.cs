
namespace Orchestrator.Engine.Tests.Files;

/// <summary>What parts of the product take instead of the names of files, made of those names and their disk.</summary>
internal static class PathsOf
{
    public static DataDirectory Store(this RunPaths paths) => new(paths);

    public static StateFolder State(this RunPaths paths) => new(paths.Disk, paths.Root);

    public static StateFolder Deliveries(this RunPaths paths) => Engine.Deliveries.Lanes.DeliveryLanes.FolderIn(paths.State());
}
