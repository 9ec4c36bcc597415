namespace Orchestrator.Worker.Hosting;

internal static partial class ServeLog
{
    [LoggerMessage(6053, LogLevel.Information, "Ready: {Workflows} workflows, listening on {Url} and {Socket}")]
    public static partial void Ready(this ILogger logger, int workflows, string url, string socket);

    [LoggerMessage(6074, LogLevel.Warning, "This process may open {Most} files, but needs up to {Needed} with {Slots} slots: raise the limit (ulimit -n, or LimitNOFILE of the systemd unit), or set fewer Orchestrator:Runner:Slots")]
    public static partial void FewFiles(this ILogger logger, long most, int needed, int slots);

    [LoggerMessage(6075, LogLevel.Warning, "{DataDirectory} has mode {Mode}: others than its owner may look into it, and what is made there has {Wanted}. It is left as it is; chmod it, or set Orchestrator:Files:FolderMode")]
    public static partial void OpenDirectory(this ILogger logger, string dataDirectory, string mode, string wanted);

    [LoggerMessage(6070, LogLevel.Warning, "NOTIFY_SOCKET is '{Socket}', neither a path nor an abstract name: the service manager is told nothing")]
    public static partial void NotifySocketUnknown(this ILogger logger, string socket);

    [LoggerMessage(6071, LogLevel.Warning, "The service manager could not be told how the program is; it is tried again")]
    public static partial void NotifyFailed(this ILogger logger, Exception e);

    [LoggerMessage(6072, LogLevel.Error, "The engine's loop has not answered between two signs of life: none is sent until it does")]
    public static partial void LoopHangs(this ILogger logger);

    [LoggerMessage(6073, LogLevel.Warning, "The engine's loop answers again")]
    public static partial void LoopAnswersAgain(this ILogger logger);
}
