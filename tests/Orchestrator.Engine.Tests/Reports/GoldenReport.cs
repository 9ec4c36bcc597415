namespace Orchestrator.Engine.Tests.Reports;

/// <summary>The page of <see cref="ToldRun"/>.</summary>
internal static class GoldenReport
{
    public const string Text = """
        # nightly: failed

        Loads yesterday's sales.

        | Run         | 019b7744-0000-7000-8000-000000000001                                              |
        | ----------- | --------------------------------------------------------------------------------- |
        | Status      | failed                                                                            |
        | Reason      | task load failed                                                                  |
        | Error       | task load failed: exit code 3                                                     |
        | Error type  | exit_code (task)                                                                  |
        | Tasks       | 6 total = 2 completed + 1 failed + 1 failed but allowed + 1 skipped + 1 cancelled |
        | Duration    | 7.10 s (queued 500 ms)                                                            |
        | Created     | 2026-01-01 02:00:00.000Z                                                          |
        | Started     | 2026-01-01 02:00:00.500Z                                                          |
        | Ended       | 2026-01-01 02:00:07.600Z                                                          |
        | Trigger     | schedule by schedule                                                              |
        | Schedule    | nightly, due 2026-01-01 02:00:00.000Z                                             |
        | Tenant      | default                                                                           |
        | Parallelism | at most 2, on average 1.06; busy 7.50 s                                           |
        | Definition  | `aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa`                |
        | Trace       | `019b7744000070008000000000000001`                                                |

        ## Tasks

        | Task  | Status           | Stage   | Kind | Program | Attempts | Queued | Duration | Exit code | Reason                  |
        | ----- | ---------------- | ------- | ---- | ------- | -------- | ------ | -------- | --------- | ----------------------- |
        | fetch | completed        | extract | run  |         | 1        | 0 ms   | 2.00 s   | 0         |                         |
        | check | completed        | extract | run  |         | 2        | 0 ms   | 4.00 s   | 0         |                         |
        | load  | failed           | load    | run  |         | 1        | 1 ms   | 1.00 s   | 3         | exit_code               |
        | tell  | skipped          | default | run  |         | 0        |        |          |           | dependency_failed: load |
        | note  | failed (allowed) | default | run  |         | 1        | 0 ms   | 1.50 s   | 1         | exit_code               |
        | late  | cancelled        | default | run  |         | 0        |        |          |           | fail_fast               |

        ## Errors

        ### note (allowed)

        exit_code: exit code 1

        ### load

        exit_code: exit code 3

        The end of `logs/load.1.log`:

        ```text
        connecting
        ERROR: no such table
        ```

        ## Attempts of tasks that were repeated

        | Task  | Attempt | Started                  | Duration | Outcome   | Exit code | Error        | Then waited |
        | ----- | ------- | ------------------------ | -------- | --------- | --------- | ------------ | ----------- |
        | check | 1       | 2026-01-01 02:00:02.500Z | 1.00 s   | failed    | 75        | exit code 75 | 1.00 s      |
        | check | 2       | 2026-01-01 02:00:04.500Z | 2.00 s   | completed | 0         |              |             |

        ## Stages

        | Stage   | Status    | Duration | Reason      |
        | ------- | --------- | -------- | ----------- |
        | extract | completed | 6.00 s   |             |
        | load    | failed    | 1.00 s   | load failed |
        | default | pending   | 0 ms     |             |

        ## Graph

        ```mermaid
        flowchart LR
          n0["fetch<br/>completed, 2.00 s"]:::completed
          n1["check<br/>completed, 4.00 s"]:::completed
          n2["load<br/>failed, 1.00 s"]:::failed
          n3["tell<br/>skipped"]:::skipped
          n4["note<br/>failed, 1.50 s"]:::failed
          n5["late<br/>cancelled"]:::cancelled
          n0 --> n1
          n1 --> n2
          n2 --> n3
          n0 --> n4
          n4 --> n5
          n2 --> n5
          classDef completed fill:#d3f9d8,stroke:#2b8a3e,color:#000
          classDef failed fill:#ffe3e3,stroke:#c92a2a,color:#000
          classDef skipped fill:#f1f3f5,stroke:#868e96,color:#000
          classDef cancelled fill:#fff3bf,stroke:#e67700,color:#000
        ```

        ## Timeline

        ```mermaid
        gantt
          dateFormat x
          axisFormat %H:%M:%S
          1. fetch :done, 1767232800500, 1767232802500
          2. check :done, 1767232802500, 1767232806500
          3. note :crit, 1767232802500, 1767232804000
          4. load :crit, 1767232806500, 1767232807500
        ```

        ## Critical path

        fetch → check → load: 7.00 s over 3 tasks.

        """;
}
