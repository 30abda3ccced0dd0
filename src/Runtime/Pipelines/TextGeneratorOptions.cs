using EdgeRuntime.Sessions;

namespace EdgeRuntime.Pipelines;

/// <summary>How a <see cref="TextGenerator"/> and its session run.</summary>
public sealed record TextGeneratorOptions : SessionOptions
{
    /// <summary>Most that <see cref="Temperature"/> may be.</summary>
    public const float MostTemperature = 10;

    /// <summary>The defaults.</summary>
    public TextGeneratorOptions() { }

    /// <summary>Options of a session, for a generator.</summary>
    public TextGeneratorOptions(SessionOptions session) : base(session) { }

    /// <summary>How freely letters are drawn: with 0 always the likeliest one, with 1 as often as the model says, with more the unlikely ones more often.</summary>
    public float Temperature
    {
        get;
        init
        {
            if (!(value is >= 0 and <= MostTemperature)) throw new ArgumentOutOfRangeException(nameof(value), value, $"A temperature is within 0…{MostTemperature}.");
            field = value;
        }
    } = 0.8f;

    /// <summary>Where drawing begins: the same seed, model and prompt give the same text.</summary>
    public ulong Seed { get; init; }
}
