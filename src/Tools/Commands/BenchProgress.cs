using Spectre.Console;

namespace EdgeRuntime.Tools.Commands;

/// <summary>Tells on standard error what is being measured: a line that changes on a terminal, else nothing.</summary>
internal static class BenchProgress
{
    /// <summary>Shares are told in steps of this many: drawing them would be measured, too.</summary>
    private const int Steps = 10;

    /// <summary>Does work that tells what it is doing and how far it is, from 0 to 1.</summary>
    public static T Run<T>(string title, Func<Action<string, double>?, T> work)
    {
        if (!Terminal.Err.Profile.Capabilities.Interactive) return work(null);
        return Terminal.Err.Status().AutoRefresh(false).Spinner(Spinner.Known.Dots).Start(title.EscapeMarkup(), context =>
        {
            string shown = "";
            return work((stage, done) =>
            {
                string now = $"{title}: {stage}{(done > 0 ? $", {(int)(done * Steps) * 100 / Steps} %" : "")}";
                if (now == shown) return;
                shown = now;
                context.Status(now.EscapeMarkup());
                context.Refresh();
            });
        });
    }
}
