namespace EdgeRuntime.Pipelines.Tracking;

/// <summary>
/// A Kalman filter of a box that moves at an almost even speed: centre, aspect ratio and height, each with its speed, as SORT and ByteTrack have it (Bewley et al., 2016; Zhang et al., 2022).
/// What is uncertain grows with the box. The four numbers do not depend on each other, so each has a filter of its own.
/// </summary>
internal struct MotionFilter
{
    // Parts of the box's height that a position and a speed may be off, from one frame to the next.
    private const float Position = 1f / 20, Speed = 1f / 160;

    private Number x, y, aspect, height;

    /// <summary>Begins where a box was seen.</summary>
    public static MotionFilter At(in Detection seen)
    {
        float h = seen.Height;
        return new MotionFilter
        {
            x = Number.At(seen.X + seen.Width / 2, 2 * Position * h, 10 * Speed * h),
            y = Number.At(seen.Y + h / 2, 2 * Position * h, 10 * Speed * h),
            aspect = Number.At(seen.Width / h, 1e-2f, 1e-5f),
            height = Number.At(h, 2 * Position * h, 10 * Speed * h),
        };
    }

    /// <summary>The edges of the box as it is thought to be.</summary>
    public readonly (float Left, float Top, float Right, float Bottom) Box
    {
        get
        {
            float h = Math.Max(height.Value, 1e-3f), w = Math.Max(aspect.Value * h, 1e-3f);
            return (x.Value - w / 2, y.Value - h / 2, x.Value + w / 2, y.Value + h / 2);
        }
    }

    /// <summary>Lets time go on.</summary>
    /// <param name="frames">How many frames, such as 2 where one was dropped.</param>
    /// <param name="seen">Whether it was seen in the frame before; what is not seen does not grow.</param>
    public void Predict(float frames, bool seen)
    {
        float h = height.Value;
        if (!seen) height.Rate = 0;
        x.Predict(frames, Position * h, Speed * h);
        y.Predict(frames, Position * h, Speed * h);
        aspect.Predict(frames, 1e-2f, 1e-5f);
        height.Predict(frames, Position * h, Speed * h);
    }

    /// <summary>Takes what was seen.</summary>
    public void Correct(in Detection seen)
    {
        float h = height.Value;
        x.Correct(seen.X + seen.Width / 2, Position * h);
        y.Correct(seen.Y + seen.Height / 2, Position * h);
        aspect.Correct(seen.Width / seen.Height, 1e-1f);
        height.Correct(seen.Height, Position * h);
    }

    /// <summary>A number and its rate, with the variances of both and what they share.</summary>
    private struct Number
    {
        public float Value, Rate;

        private float variance, shared, rateVariance;

        public static Number At(float value, float deviation, float rateDeviation) => new() { Value = value, variance = deviation * deviation, rateVariance = rateDeviation * rateDeviation };

        public void Predict(float frames, float deviation, float rateDeviation)
        {
            Value += frames * Rate;
            variance += frames * (2 * shared + frames * rateVariance) + frames * deviation * deviation;
            shared += frames * rateVariance;
            rateVariance += frames * rateDeviation * rateDeviation;
        }

        public void Correct(float seen, float deviation)
        {
            float sum = variance + deviation * deviation, gain = variance / sum, rateGain = shared / sum, error = seen - Value;
            Value += gain * error;
            Rate += rateGain * error;
            rateVariance -= rateGain * shared;
            shared *= 1 - gain;
            variance *= 1 - gain;
        }
    }
}
