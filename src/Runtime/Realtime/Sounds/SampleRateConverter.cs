namespace EdgeRuntime.Realtime.Sounds;

/// <summary>
/// Changes the rate of samples: each result is a sum of its neighbours, weighted by a sine cardinal under a Kaiser window, which passes what lies below half of the lower
/// rate and takes away what is above. The weights are tabulated and interpolated, so any two rates will do. (J. O. Smith, Digital Audio Resampling.)
/// </summary>
internal static class SampleRateConverter
{
    // Zero crossings on each side, steps of the table between two of them, and the window's shape: about 80 dB are taken away.
    private const int Crossings = 24, Steps = 512;
    private const double Shape = 8, Passed = 0.94;

    private static readonly float[] Table = MakeTable();

    /// <summary>The samples at another rate.</summary>
    public static float[] Convert(float[] samples, int from, int to)
    {
        if (from == to) return samples;
        double cutoff = Math.Min(1, (double)to / from), reach = Crossings / cutoff;
        var results = new float[(int)((samples.Length * (long)to + from - 1) / from)];
        for (int i = 0; i < results.Length; i++)
        {
            double place = i * (double)from / to, sum = 0, weights = 0;
            int first = (int)Math.Ceiling(place - reach), last = (int)Math.Floor(place + reach);
            for (int j = first; j <= last; j++)
            {
                double weight = Weight(Math.Abs(j - place) * cutoff);
                weights += weight;
                if ((uint)j < (uint)samples.Length) sum += weight * samples[j];
            }
            results[i] = (float)(sum / weights);
        }
        return results;
    }

    private static double Weight(double crossings)
    {
        double place = crossings * Steps;
        int step = (int)place;
        return step >= Crossings * Steps ? 0 : Table[step] + (place - step) * (Table[step + 1] - Table[step]);
    }

    private static float[] MakeTable()
    {
        var table = new float[Crossings * Steps + 1];
        for (int i = 0; i < table.Length; i++)
        {
            double x = Math.PI * Passed * i / Steps, part = (double)i / (table.Length - 1);
            table[i] = (float)((i == 0 ? 1 : Math.Sin(x) / x) * Bessel(Shape * Math.Sqrt(1 - part * part)) / Bessel(Shape));
        }
        return table;
    }

    /// <summary>The modified Bessel function of the first kind and order 0, by its series.</summary>
    private static double Bessel(double x)
    {
        double sum = 1, term = 1;
        for (int k = 1; term > 1e-12 * sum; k++)
        {
            term *= x / (2 * k) * (x / (2 * k));
            sum += term;
        }
        return sum;
    }
}
