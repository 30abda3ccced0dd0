using EdgeRuntime.Tools.Conversion;
using Spectre.Console;

namespace EdgeRuntime.Tools.Commands;

/// <summary>Shows how far a conversion that quantizes is: a bar for each stage. Ctrl-C ends it between two samples, before anything is written.</summary>
internal static class ConversionProgress
{
    /// <summary>Converts under progress bars; without quantization, and where standard error is no terminal, without them.</summary>
    /// <param name="path">What is converted.</param>
    /// <param name="options">How.</param>
    /// <param name="convert">Does it.</param>
    public static ConversionResult Run(string path, ConversionOptions options, Func<ConversionOptions, ConversionResult> convert)
    {
        if (options.Quantization is not { } quantization) return convert(options);
        using var interrupt = new Interrupt();
        if (!Terminal.Err.Profile.Capabilities.Interactive || options.Dump is not null) return convert(options with { Quantization = quantization with { Stop = interrupt.Token } });
        return Terminal.Err.Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn())
            .Start(context =>
            {
                ProgressTask? current = null;
                string name = Path.GetFileName(path);
                string? stage = null;
                return convert(options with { Quantization = quantization with { Stop = interrupt.Token, Progress = Show } });

                void Show(string now, double done)
                {
                    if (stage != now)
                    {
                        if (current is not null) current.Value = current.MaxValue;
                        current = context.AddTask($"{name}: {now}".EscapeMarkup(), maxValue: 1);
                        stage = now;
                    }
                    current!.Value = done;
                }
            });
    }
}
