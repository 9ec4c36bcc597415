namespace Orchestrator.Core.Tests.Definitions;

internal static class Sample
{
    /// <summary>Every key this version reads.</summary>
    public const string Everything = """
        name: sales-nightly
        description: Loads yesterday's sales.
        owner: data@acme.example
        tenant: acme
        project: sales
        labels: {team: data, tier: "1"}
        params:
          day: {type: date, default: "${{ date(now, -1) }}", description: The day to load}
          region: {type: enum, values: [eu, us], required: true}
          limit: 10
          ratio: 1.50
          dry: false
          who: "2026-01-01"
          list: [1, two]
          map: {type: object, default: {a: 1, b: [x]}}
          nothing:
        env: {STAGING: /srv/staging, REGION: "${{ params.region }}"}
        inherit_env: [AWS_REGION, HOME]
        working_dir: work
        secrets: {DB_PASSWORD: {file: /run/secrets/db}, TOKEN: {env: API_TOKEN}}
        schedules:
          - {id: nightly, cron: "0 2 * * *", timezone: Europe/Helsinki, params: {region: eu, limit: 5}}
          - {id: hourly, cron: "@hourly", enabled: false}
        max_parallel: 8
        fail_fast: false
        on_fail_fast: cancel
        timeout: 2h
        max_worker_losses: 5
        stages: [extract, load]
        defaults: {timeout: 10m, retry: {max_attempts: 3}, working_dir: sub, env: {LANG: C}}
        tasks:
          - id: fetch
            stage: extract
            run: |
              ./fetch.sh --day ${{ params.day }} > "$STAGING/sales.csv"
            retry: {max_attempts: 5, initial_delay: 2s, backoff: 1.5, max_delay: 1m, on: {exit_codes: [75, 2], kinds: [timeout, exit_code]}}
            env: {LANG: en, DAY: "${{ params.day }}", PASSWORD: "${{ secrets.DB_PASSWORD }}"}
          - id: check
            depends_on: [fetch, fetch]
            exec: [./check, --strict, 5]
            outputs: stdout_json
            timeout: 90
          - id: score
            depends_on: check
            delegate: score
            with: {rows: "${{ tasks.check.outputs.rows }}", deep: [1, {x: true}], none: null}
            if: ${{ tasks.check.outputs.rows > 0 }}
            idempotent: false
            working_dir: other
          - id: load
            stage: load
            depends_on: [score]
            run_when: all_done
            if: tasks.fetch.status == 'completed'
            script: |
              #!/bin/sh
              echo ${{ env.REGION }}
            allow_failure: true
            retry:
            tags: [slow, db]
            metadata: {ticket: 12, docs: {url: "https://acme.example"}}
          - {id: done, depends_on: [load], noop: }
        """;
}
