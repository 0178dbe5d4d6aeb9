using Eventide.Scaling.Demand;
using Eventide.Scaling.Load.Schedule;

namespace Eventide.Scaling.Load.Vehicles;

/// <summary>
/// A vehicle and its device: parked or on the road, as its driver's day says; it makes a reading at its interval, and at once when the ignition changes. The same
/// generator gives the same readings.
/// </summary>
internal sealed class Vehicle
{
    private const double KmPerDegree = 111.32;
    private const double UsualSpeed = 70;
    private const double FastestAllowed = 120;
    private const double SpeedingShare = 0.001;
    private readonly int _number;
    private readonly DriverDay _day;
    private readonly Random _random;
    private TimeSpan _last;
    private TimeSpan _nextChange;
    private long _sequence;
    private int _trip;
    private double _latitude;
    private double _longitude;
    private double _heading;
    private double _odometer;
    private double _speed;

    /// <param name="begin">From when on it makes readings; the first follows within one interval.</param>
    public Vehicle(int number, DriverDay day, TimeSpan begin, Random random)
    {
        (_number, _day, _random, _last) = (number, day, random, begin);
        IsDriving = day.IsDrivingAt(begin);
        (_trip, _speed) = IsDriving ? (1, UsualSpeed) : (0, 0);
        (_latitude, _longitude) = (48 + (6 * random.NextDouble()), 7 + (7 * random.NextDouble()));
        (_heading, _odometer) = (2 * Math.PI * random.NextDouble(), 400_000 * random.NextDouble());
        _nextChange = day.NextChange(begin);
        NextAt = Earlier(begin + (Interval * random.NextDouble()), _nextChange);
    }

    public bool IsDriving { get; private set; }

    /// <summary>When the next reading is made.</summary>
    public TimeSpan NextAt { get; private set; }

    private TimeSpan Interval => IsDriving ? Fleet.IntervalOnTheRoad : Fleet.IntervalParked;

    /// <summary>Goes on to <see cref="NextAt"/> and makes that reading.</summary>
    public DeviceReading Read()
    {
        var at = NextAt;
        Move(at - _last);
        _last = at;
        if (at == _nextChange)
        {
            SwitchIgnition(at);
        }
        else if (IsDriving)
        {
            _speed = _random.NextDouble() < SpeedingShare
                ? 135 + (15 * _random.NextDouble())
                : Math.Clamp(_speed + (0.3 * (UsualSpeed - _speed)) + (12 * Poisson.Gaussian(_random)), 0, FastestAllowed);
        }

        NextAt = Earlier(at + Interval, _nextChange);
        return new DeviceReading(
            _number, ++_sequence, at, Math.Round(_latitude, 5), Math.Round(_longitude, 5), Math.Round(_speed, 1), Math.Round(_odometer, 2), IsDriving, _trip);
    }

    private void SwitchIgnition(TimeSpan at)
    {
        IsDriving = _day.IsDrivingAt(at);
        _speed = 0;
        _trip += IsDriving ? 1 : 0;
        _nextChange = _day.NextChange(at);
    }

    private void Move(TimeSpan elapsed)
    {
        var way = _speed * elapsed.TotalHours;
        _odometer += way;
        _heading += 0.3 * (_random.NextDouble() - 0.5);
        _latitude += way * Math.Cos(_heading) / KmPerDegree;
        _longitude += way * Math.Sin(_heading) / (KmPerDegree * Math.Cos(_latitude * Math.PI / 180));
        if (_latitude is < 47.5 or > 54.5 || _longitude is < 6.5 or > 14.5)
        {
            // Back towards the middle, rather than out onto the sea.
            _heading = Math.Atan2(10.5 - _longitude, 51 - _latitude);
        }
    }

    private static TimeSpan Earlier(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
