namespace EdgeRuntime.Pipelines.Tracking;

/// <summary>
/// Smooths a number that trembles: strongly while it rests, hardly while it moves, so that it neither shakes nor lags (the 1€ filter, Casiez, Roussel and Vogel, 2012).
/// </summary>
/// <param name="minCutoff">Frequency in Hz below which a resting number may change: less is smoother.</param>
/// <param name="beta">How much speed, in units a second, raises that frequency: more lags less.</param>
public struct OneEuroFilter(float minCutoff = 1, float beta = 0.05f)
{
    private const float RateCutoff = 1;

    private readonly float minCutoff = minCutoff, beta = beta;
    private float value, rate;
    private bool begun;

    /// <summary>The number, smoothed.</summary>
    /// <param name="measured">What was measured.</param>
    /// <param name="seconds">Time since the last measurement; of the first one it does not matter.</param>
    public float Next(float measured, float seconds)
    {
        if (!begun)
        {
            (begun, value, rate) = (true, measured, 0);
            return value;
        }
        if (!(seconds > 0)) return value;
        rate += Share(RateCutoff, seconds) * ((measured - value) / seconds - rate);
        value += Share(minCutoff + beta * Math.Abs(rate), seconds) * (measured - value);
        return value;
    }

    /// <summary>The part of what is new that passes: of an exponential mean with that cut-off frequency.</summary>
    private static float Share(float cutoff, float seconds)
    {
        float turns = 2 * MathF.PI * cutoff * seconds;
        return turns / (turns + 1);
    }
}
